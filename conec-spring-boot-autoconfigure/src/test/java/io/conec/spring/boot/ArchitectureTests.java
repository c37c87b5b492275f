package io.conec.spring.boot;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameter;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring Boot's own rules for auto-configurations. */
final class ArchitectureTests {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.conec.spring");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.conec.spring.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void programmingModelDoesNotNeedSpringBoot() {
        noClasses()
                .that()
                .resideInAnyPackage("io.conec.spring.annotation", "io.conec.spring.listener")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework.boot..", "io.conec.spring.boot..")
                .check(CLASSES);
    }

    @Test
    void nothingUsesTheCoresInternals() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.conec.internal..")
                .check(CLASSES);
    }

    @Test
    void autoConfigurationsArePublicFinalAndWellNamed() {
        classes()
                .that()
                .areAnnotatedWith(AutoConfiguration.class)
                .should()
                .bePublic()
                .andShould()
                .haveModifier(FINAL)
                .andShould()
                .haveSimpleNameEndingWith("AutoConfiguration")
                .check(CLASSES);
    }

    @Test
    void autoConfigurationsAreAllListedAndNothingElseIs() {
        assertThat(ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader()).getCandidates().stream()
                        .filter(name -> name.startsWith("io.conec.")))
                .containsExactlyInAnyOrderElementsOf(CLASSES.stream()
                        .filter(type -> type.isAnnotatedWith(AutoConfiguration.class))
                        .map(JavaClass::getName)
                        .toList());
    }

    @Test
    void configurationsDoNotProxyTheirBeanMethods() {
        classes()
                .that()
                .areAnnotatedWith(Configuration.class)
                .should(new ArchCondition<>("have proxyBeanMethods = false") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (type.getAnnotationOfType(Configuration.class).proxyBeanMethods()) {
                            events.add(
                                    SimpleConditionEvent.violated(type, type.getName() + " proxies its bean methods"));
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void beanMethodsArePackagePrivate() {
        methods()
                .that()
                .areAnnotatedWith(Bean.class)
                .should()
                .bePackagePrivate()
                .check(CLASSES);
    }

    @Test
    void beanMethodsDoNotAskForClasses() {
        noMethods()
                .that()
                .areAnnotatedWith(Bean.class)
                .should()
                .beAnnotatedWith(ConditionalOnClass.class)
                .check(CLASSES);
    }

    @Test
    void beanMethodsDoNotRepeatTheirTypeInConditions() {
        methods()
                .that()
                .areAnnotatedWith(Bean.class)
                .and()
                .areAnnotatedWith(ConditionalOnMissingBean.class)
                .should(new ArchCondition<>("not repeat their return type") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        for (Class<?> type : method.getAnnotationOfType(ConditionalOnMissingBean.class)
                                .value()) {
                            if (method.getRawReturnType().isEquivalentTo(type)) {
                                events.add(SimpleConditionEvent.violated(method, method.getFullName()));
                            }
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void postProcessorsAreMadeByStaticMethodsFromProvidersOnly() {
        methods()
                .that()
                .areAnnotatedWith(Bean.class)
                .and()
                .haveRawReturnType(
                        assignableTo(BeanPostProcessor.class).or(assignableTo(BeanFactoryPostProcessor.class)))
                .should(new ArchCondition<>("be static and take ObjectProviders") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        boolean isStatic = method.getModifiers().contains(JavaModifier.STATIC);
                        for (JavaParameter parameter : method.getParameters()) {
                            if (!isStatic || !parameter.getRawType().isEquivalentTo(ObjectProvider.class)) {
                                events.add(SimpleConditionEvent.violated(method, method.getFullName()));
                            }
                        }
                    }
                })
                .check(CLASSES);
    }

    @Test
    void classesAreFinalUnlessSpringHasToReadThem() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotAnonymousClasses()
                .and(not(annotatedWith(Configuration.class)))
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .haveModifier(FINAL)
                .check(CLASSES);
    }
}
